package labeler.vm.qemu.option;

import labeler.linux.Access;
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

    static KeyMeaning reads(FileRole role) {
        return new NamesFile(role, UseAccess.READ_ONLY, new Takes.Copy());
    }

    /** Also a copy will not do. */
    static KeyMeaning readsByName(FileRole role) {
        return new NamesFile(role, UseAccess.READ_ONLY, new Takes.NameAlone());
    }

    static KeyMeaning writes(FileRole role) {
        return new NamesFile(role, UseAccess.READ_WRITE, new Takes.NameAlone());
    }

    static KeyMeaning creates(FileRole role) {
        return new NamesFile(role, UseAccess.CREATE, new Takes.NameAlone());
    }

    /** What it makes may as well be there, and be handed over, opened like this. */
    static KeyMeaning creates(FileRole role, Access descriptor) {
        return new NamesFile(role, UseAccess.CREATE, new Takes.Descriptor(descriptor));
    }

    static KeyMeaning firmware(FileRole role) {
        return new NamesFirmware(role);
    }

    static KeyMeaning refused(String what, String wayOut) {
        return new NotUnderstood(what, wayOut);
    }

    static KeyMeaning none() {
        return new NoFile();
    }
}
