package labeler.vm.qemu.option;

/**
 * One of qemu's options.
 *
 * @param name without the hyphen; empty for an argument that is no option, a disk image
 * @param takesArgument whether the next argument belongs to it
 * @param repeats whether it may be repeated, so that messages number it
 * @param old whether {@code -chardev} says the same in a newer notation, which takes descriptors in more places
 */
public record Option(String name, boolean takesArgument, boolean repeats, boolean old, Handler handler) {
    /** Puts an option's statements about files into the definition. */
    @FunctionalInterface
    public interface Handler {
        void declare(OptionContext in);
    }
}
