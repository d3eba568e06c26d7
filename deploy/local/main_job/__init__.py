"""The main job: three YAML files make a real process complete. `demo` tells it, tests/e2e asserts it, both through `Stage`."""
