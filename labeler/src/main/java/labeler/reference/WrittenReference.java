package labeler.reference;

import labeler.chain.FileName;
import labeler.chain.Role;
import labeler.chain.format.Reference;

/**
 * A file that a header names, in the header's own words: the text that a guest can write is compared.
 *
 * @param name as it is written, relative or not; empty for a data file without one
 * @param format the driver that the header records, {@code ""} if it records none
 */
public record WrittenReference(Role role, FileName name, String format) {
    public static WrittenReference of(Reference.Followed reference) {
        return switch (reference) {
            case Reference.Backing backing ->
                new WrittenReference(
                        Role.BACKING,
                        backing.name(),
                        switch (backing.format()) {
                            case Reference.Driver driver -> driver.name().printable();
                            case Reference.Unrecorded _, Reference.Unrecordable _ -> "";
                        });
            case Reference.DataFile dataFile ->
                new WrittenReference(Role.DATA_FILE, dataFile.name().orElse(FileName.of("")), "raw");
            case Reference.Extent extent ->
                new WrittenReference(Role.EXTENT, extent.name(), extent.format().driver());
        };
    }

    /** In words, safe on a terminal: {@code backing file /vm/base (raw)}. */
    public String words() {
        String what = switch (role) {
            case BACKING -> "backing file";
            case DATA_FILE -> "data file";
            case EXTENT -> "extent";
            case PARENT -> "parent";
            case IMAGE -> "image";
        };
        return what + " " + (name.isEmpty() ? "without a name" : name.printable())
                + (format.isEmpty() ? "" : " (" + format + ")");
    }
}
