package labeler.vm;

import labeler.linux.Printable;

/**
 * The place of a file's name, for a person who looks for it: {@code devices/disk[@target=vda]}, {@code -drive[0]},
 * {@code header of /vm/top.qcow2}. A part of it may be the word of a client, of a header, or of a qemu that a guest has
 * taken over, so what is not visible is written as {@code \xNN}.
 */
public record Origin(String text) {
    public Origin {
        text = Printable.text(text);
    }

    /** The header of an image, by its name as people read it. */
    public static Origin ofHeader(String image) {
        return new Origin("header of " + image);
    }

    @Override
    public String toString() {
        return text;
    }
}
