module osv-faas/agent-native

go 1.24
