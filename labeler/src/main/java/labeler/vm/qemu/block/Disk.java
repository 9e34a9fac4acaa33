package labeler.vm.qemu.block;

import java.util.List;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.Edit;

/** An option that defines block nodes. Writes the option again with other values. */
public sealed interface Disk {
    OptionPlace place();

    /** The node that it defines, with the nodes inside. */
    Node root();

    /** Whether the user above its node never writes. */
    boolean isQuiet();

    /** Its argument with these values in its node. */
    String with(List<Edit> edits);

    /** Whether names in it have to be UTF-8. */
    boolean isJson();

    /** A {@code -blockdev}: something else uses its node by the name. */
    record Blockdev(OptionPlace place, Node root, Argument argument) implements Disk {
        @Override
        public boolean isQuiet() {
            return false;
        }

        @Override
        public String with(List<Edit> edits) {
            return argument.with(edits).text();
        }

        @Override
        public boolean isJson() {
            return argument instanceof Argument.InJson;
        }
    }

    /** A {@code -drive}, or a short form of it, which is rewritten as one. Its node is in use by itself. */
    record OfDrive(Drive drive, Node root) implements Disk {
        @Override
        public OptionPlace place() {
            return drive.place();
        }

        @Override
        public boolean isQuiet() {
            return root.readOnly();
        }

        @Override
        public String with(List<Edit> edits) {
            return drive.with(edits);
        }

        @Override
        public boolean isJson() {
            return drive.named().isPresent();
        }
    }
}
