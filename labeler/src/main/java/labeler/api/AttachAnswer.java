package labeler.api;

import labeler.json.Inlined;
import labeler.lifecycle.VmView;

/**
 * The answer to an attach: the VM with the disk.
 *
 * @param disk its name for a later detach
 */
public record AttachAnswer(@Inlined VmView vm, String disk) {}
