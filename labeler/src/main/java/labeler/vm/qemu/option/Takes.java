package labeler.vm.qemu.option;

import labeler.linux.Access;

/** What qemu takes in the place of a file's name. */
public sealed interface Takes {
    /** {@code /dev/fdset/N}, whose one member is opened like this. */
    record Descriptor(Access access) implements Takes {}

    /** The name of a copy: qemu reads the file as a whole. */
    record Copy() implements Takes {}

    /** Nothing but the name. */
    record NameAlone() implements Takes {}
}
