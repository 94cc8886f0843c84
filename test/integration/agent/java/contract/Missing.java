package contract;

/** Compiled, but never in a function's files. */
public class Missing {}
