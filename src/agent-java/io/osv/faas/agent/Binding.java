package io.osv.faas.agent;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What a bind made of this VM, for the rest of its life; {@code answer} is the same for a bind that
 * is sent again, {@code signed} the operator's word for whose this VM is.
 */
public record Binding(
    String application,
    String namespace,
    String revision,
    int slots,
    byte[] token,
    String signed,
    Map<String, HostedFunction> functions,
    CompletableFuture<Map<String, Object>> answer) {}
