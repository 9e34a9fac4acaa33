package labeler.api;

import labeler.json.Inlined;
import labeler.lifecycle.VmView;

/**
 * The answer to an attach: the VM with the disk.
 *
 * @param disk the name by which it is detached again
 */
public record AttachAnswer(@Inlined VmView vm, String disk) {}
