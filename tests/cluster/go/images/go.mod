// The programs of the small images that the local cluster brings along.
module podium.dev/local-cluster/images

go 1.25.0
