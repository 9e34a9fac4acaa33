package labeler.disk;

import java.util.List;
import java.util.stream.Collectors;
import labeler.disk.Instruction.NotPossible;
import labeler.json.Json.ObjectBuilder;

/** Chains of images in words and in arguments. */
final class Chains {
    private Chains() {}

    static String files(List<Layer> layers) {
        return layers.stream().map(Layer::file).collect(Collectors.joining(", "))
                + (layers.size() == 1 ? " is" : " are");
    }

    /** The chain of a drive, as the end of a message. */
    static String list(Drive drive) {
        return "; its images, the uppermost first: "
                + drive.chain().stream().map(Layer::file).collect(Collectors.joining(", "));
    }

    static NotPossible unknown(Drive drive, LayerName name) {
        return new NotPossible("disk " + drive.shown() + " has no image " + name.text() + list(drive));
    }

    /** Names an image by its node, or by its file if the node is not known. */
    static void name(ObjectBuilder arguments, String role, Layer layer) {
        layer.node()
                .ifPresentOrElse(node -> arguments.put(role + "-node", node), () -> arguments.put(role, layer.file()));
    }
}
