"""A real Kubernetes on this machine, for the tests and the demo.

`control_plane.py` alone is a real API server without a node: it starts in seconds, needs no root, and
many can run side by side. `local_cluster.py` adds the node: containerd, kubelet, kube-proxy, a bridge
and a registry. There is one such cluster on a machine, and everything it starts is recorded in its state
folder, so that `down` finds all of it, also after a crash.
"""
