package labeler.lifecycle.follow;

import labeler.chain.ImageFormat;
import labeler.linux.HostPath;

/**
 * An image into whose header a command has written.
 *
 * @param format in which the VM uses it
 */
public record WrittenHeader(HostPath image, ImageFormat format) {}
