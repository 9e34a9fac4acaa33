package labeler.vm.qemu.option;

import labeler.linux.Access;

/** The substitute that qemu accepts for a file's name. */
public sealed interface NameSubstitute {
    /** {@code /dev/fdset/N}, whose only member is opened like this. */
    record Descriptor(Access access) implements NameSubstitute {}

    /** The name of a copy: qemu reads the file as a whole. */
    record Copy() implements NameSubstitute {}

    /** Only the name. */
    record NameAlone() implements NameSubstitute {}
}
