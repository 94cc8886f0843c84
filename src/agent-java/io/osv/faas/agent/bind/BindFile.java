package io.osv.faas.agent.bind;

/** A file of a function's: relative path, and bytes. The payload holds them one after the other. */
public record BindFile(String path, long size) {}
