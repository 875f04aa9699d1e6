"""The project's own images, built on this machine and pushed to the local cluster's registry.

The Dockerfiles are the ones that a user builds with docker. What differs here: buildah builds them, their
base is a Debian that debootstrap makes, and pip installs from a folder of wheels that was downloaded
before with this machine's own pip, so that nothing of the machine's network settings enters a build.
"""

from tests.cluster.images.build import IMAGES, Image, build

__all__ = ["IMAGES", "Image", "build"]
