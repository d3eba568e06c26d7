"""Resolved → manifests; pure. `runtime` puts together what the other modules make, one part of a worker each."""
