package labeler.vm.qemu.block;

import labeler.vm.Origin;

/**
 * Where an option stands on a command line.
 *
 * @param position of its first argument, from 0; the program's name is not counted
 * @param origin its name for messages; options that may not be repeated, and are, have the same
 */
public record OptionPlace(int position, Origin origin) {}
