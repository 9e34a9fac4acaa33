package labeler.vm;

import java.util.OptionalInt;
import labeler.chain.ImageFormat;
import labeler.chain.Role;
import labeler.linux.HostPath;

/**
 * One file of a chain.
 *
 * @param path under which it was opened, absolute
 * @param parent index in the chain of the file that names it; empty for the image itself
 * @param blockDevice a device node: qemu has another driver for it
 */
public record ChainLayer(HostPath path, ImageFormat format, Role role, OptionalInt parent, boolean blockDevice) {}
