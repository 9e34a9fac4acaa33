package labeler.vm.qemu.block;

import labeler.vm.Origin;

/**
 * The place of an option on a command line.
 *
 * @param position of its first argument, from 0; the program's name is not counted
 * @param origin its name for messages; repeated options that may not be repeated have the same
 */
public record OptionPlace(int position, Origin origin) {}
