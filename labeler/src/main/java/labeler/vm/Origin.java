package labeler.vm;

/**
 * Where a file's name was found, so that a person finds it again: {@code devices/disk[@target=vda]}, {@code -drive[0]},
 * {@code header of /vm/top.qcow2}.
 */
public record Origin(String text) {
    @Override
    public String toString() {
        return text;
    }
}
