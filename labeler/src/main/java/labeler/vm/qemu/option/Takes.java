package labeler.vm.qemu.option;

import labeler.linux.Access;

/** The substitute that qemu accepts for a file's name. */
public sealed interface Takes {
    /** {@code /dev/fdset/N}, whose only member is opened like this. */
    record Descriptor(Access access) implements Takes {}

    /** The name of a copy: qemu reads the file as a whole. */
    record Copy() implements Takes {}

    /** Only the name. */
    record NameAlone() implements Takes {}
}
