package labeler.vm.qemu.option;

import labeler.vm.FileRole;
import labeler.vm.UseAccess;

/** What the value of a key is to us. */
sealed interface KeyMeaning {
    /** The name of a file. */
    record NamesFile(FileRole role, UseAccess access, Takes takes) implements KeyMeaning {}

    /** The name of a file that qemu also looks for in its data directories. */
    record NamesFirmware(FileRole role) implements KeyMeaning {}

    /** A socket that qemu listens on. */
    record NamesSocketOfQemu() implements KeyMeaning {}

    /** Any number of files, between colons. */
    record NamesFiles(FileRole role) implements KeyMeaning {}

    /** Something that is not understood. */
    record NotUnderstood(String what, String wayOut) implements KeyMeaning {}

    /** No file, whatever it looks like. */
    record NoFile() implements KeyMeaning {}
}
