package labeler.fileset;

import labeler.vm.FileRole;

/**
 * Something that the VM uses and that is no file of this host.
 *
 * @param reference as the definition or the header spells it, printable
 * @param protocol the word before the colon, or {@code json}
 * @param parent the file or origin that names it
 */
public record External(String reference, String protocol, FileRole role, String parent) {}
