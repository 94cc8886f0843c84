package io.osv.faas.agent;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What a bind made of this VM, for the rest of its life; {@code answer} is the same for a bind that
 * is sent again.
 */
public record Binding(
    String application,
    String namespace,
    String revision,
    int slots,
    byte[] token,
    Map<String, HostedFunction> functions,
    CompletableFuture<Map<String, Object>> answer) {}
