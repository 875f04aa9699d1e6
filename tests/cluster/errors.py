"""The error of everything in this package."""


class ClusterError(RuntimeError):
    """The local cluster cannot do what was asked: the message says what was found and what to do."""


class KubectlError(ClusterError):
    """kubectl ended with an exit status other than 0; the message holds what it printed."""
