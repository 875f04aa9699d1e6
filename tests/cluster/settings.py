"""What the local cluster is called and where it listens."""

import os

NODE = "local"
NODE_ADDRESS = "10.244.0.1"  # the bridge's own: no traffic between pods and the node leaves the machine
API_PORT = 6443
LOOPBACK = "127.0.0.1"

POD_NETWORK = "10.244.0.0/16"
NODE_POD_NETWORK = "10.244.0.0/24"
SERVICE_NETWORK = "10.96.0.0/16"
SERVICE_ADDRESS = "10.96.0.1"  # the first of the network: Service `kubernetes` in namespace `default`
ISOLATED_NETWORK = "10.245.0.0/24"

# Part of every image's name, so it is chosen before anything starts. For a port that is taken.
REGISTRY = os.environ.get("PODIUM_CLUSTER_REGISTRY", "127.0.0.1:5577")
PAUSE_IMAGE = f"{REGISTRY}/podium/pause:1"
PROBE_IMAGE = f"{REGISTRY}/podium/probe:1"

GPUS = 2  # fake ones: the scheduler counts them, no container gets a device
VOLUMES = 16
VOLUME_SIZE = "50Gi"
