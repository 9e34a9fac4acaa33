package labeler.vm.qemu.option;

import labeler.vm.Origin;

/**
 * One of qemu's options.
 *
 * @param name without the hyphen
 * @param takesArgument whether the next argument belongs to it
 * @param repeats whether it may stand more than once, so that messages number it
 */
public record Option(String name, boolean takesArgument, boolean repeats, Handler handler) {
    /** Puts what the option says of files into the definition. */
    @FunctionalInterface
    public interface Handler {
        void declare(Origin origin, String argument, Parsing parsing);
    }
}
