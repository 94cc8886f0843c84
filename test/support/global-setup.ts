export default function noop(): void {
  // Replaced as soon as the control plane tool stands.
}
