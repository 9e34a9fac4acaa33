package labeler.survey;

import labeler.linux.FileIdentity;
import labeler.linux.HostPath;

/**
 * A file of a VM in labeler's own account.
 *
 * @param identity device and inode
 * @param image whether it is a part of a disk
 * @param written whether the VM may write it
 * @param shareable whether the definition says that other VMs may do so as well
 * @param labelled whether labeler has given it a label. Which one it has now is for a look to say, and not for a record
 */
public record HeldFile(
        HostPath path, FileIdentity identity, boolean image, boolean written, boolean shareable, boolean labelled) {}
