"""A real Kubernetes node, container images and a Zeebe broker on a developer's own machine, from package registries only."""
