package labeler.guard.graph;

/**
 * A way by which a guest or a client reaches a node: a drive, a device, or a drive with its device. qemu keeps the
 * names of drives and those of nodes apart from one another. An id of a device may be the same as either.
 *
 * @param drive the name of the drive; empty if it has none
 * @param place the id of the device, or its path among all objects if it has none of its own; empty without a device
 * @param node the name of its node; empty without a medium
 * @param hasTray whether it is a CD-ROM
 */
public record BlockDevice(String drive, String place, String node, boolean hasTray) {}
