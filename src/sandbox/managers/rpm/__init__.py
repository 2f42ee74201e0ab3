"""The managers of RPM packages: dnf, microdnf, tdnf, yum, zypper."""
