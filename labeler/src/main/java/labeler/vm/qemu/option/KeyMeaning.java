package labeler.vm.qemu.option;

import labeler.vm.FileRole;
import labeler.vm.UseAccess;

/** The meaning of a key's value. */
sealed interface KeyMeaning {
    /** The name of one file. */
    sealed interface NamesOne extends KeyMeaning {}

    /** The name of a file. */
    record NamesFile(FileRole role, UseAccess access, NameSubstitute takes) implements NamesOne {}

    /** The name of a file that qemu also looks for in its data directories. */
    record NamesFirmware(FileRole role) implements NamesOne {}

    /** A socket that qemu listens on. */
    record NamesSocketOfQemu() implements KeyMeaning {}

    /** Any number of files, between colons. */
    record NamesFiles(FileRole role) implements KeyMeaning {}

    /** Something that is not understood. */
    record NotUnderstood(String what, String wayOut) implements KeyMeaning {}

    /** No file, even if it looks like one. */
    record NoFile() implements KeyMeaning {}
}
