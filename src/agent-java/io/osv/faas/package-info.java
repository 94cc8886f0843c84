/** What a function of the runtime Java is written against. No dependencies; in a guest these classes are the agent's. */
package io.osv.faas;
