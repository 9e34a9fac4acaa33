package labeler.fileset.device;

/**
 * A character device as the kernel knows it.
 *
 * @param name of its node below /dev: {@code vfio/12}
 * @param subsystem {@code usb}, {@code misc}; empty for a device without one
 * @param hardware whether the kernel shows the hardware behind it
 */
record KernelDevice(String name, String subsystem, boolean hardware) {}
