package labeler.vm;

/**
 * The place of a file's name, for a person who looks for it: {@code devices/disk[@target=vda]}, {@code -drive[0]},
 * {@code header of /vm/top.qcow2}.
 */
public record Origin(String text) {
    /** The header of an image, by its name as people read it. */
    public static Origin ofHeader(String image) {
        return new Origin("header of " + image);
    }

    @Override
    public String toString() {
        return text;
    }
}
