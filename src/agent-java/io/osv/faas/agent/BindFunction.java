package io.osv.faas.agent;

import io.osv.faas.agent.bind.BindFile;
import java.util.List;
import java.util.Map;

/** A function as a manifest describes it. */
public record BindFunction(
    String name,
    String handler,
    String signature,
    int timeoutMs,
    String digest,
    Map<String, String> env,
    List<BindFile> files,
    boolean preload) {}
