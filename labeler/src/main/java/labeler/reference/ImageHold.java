package labeler.reference;

import java.util.Optional;
import labeler.vm.VmName;

/**
 * The fact that a VM may write an image, from before its start until its header has been read again after the end.
 *
 * @param disk with which the image joined the VM; empty for one that it was started with
 * @param token a new one for each start and each attach
 */
public record ImageHold(VmName vm, Optional<String> disk, String token) {}
