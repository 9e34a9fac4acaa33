package labeler.disk;

import java.util.List;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.ObjectBuilder;

/**
 * A disk, or a drive for media, of a VM.
 *
 * @param device the id of its device, or the place of the device in qemu's tree; empty for a drive without one
 * @param drive the id of its {@code -drive}; empty if there is none
 * @param node its uppermost node; empty without a medium
 * @param chain its images, the uppermost first; none without a medium
 */
public record Drive(Optional<String> device, Optional<String> drive, Optional<String> node, List<Layer> chain) {
    /** Devices with an id are below this. The drive of a virtio device is one more step below. */
    private static final String BY_ID = "/machine/peripheral/";

    public Drive {
        chain = List.copyOf(chain);
    }

    boolean isNamed(String name) {
        Optional<String> wanted = Optional.of(name);
        return device.equals(wanted) || drive.equals(wanted) || node.equals(wanted) || id().equals(wanted);
    }

    private Optional<String> id() {
        return device.map(place ->
                place.startsWith(BY_ID) ? place.substring(BY_ID.length()).split("/", 2)[0] : place);
    }

    /** Whether it is this drive at another time. */
    boolean isSame(Drive other) {
        return device.equals(other.device) && drive.equals(other.drive);
    }

    /** The name for people. */
    public String shown() {
        return drive.or(this::id).or(() -> node).orElse("");
    }

    /** The members by which commands for media name it. */
    ObjectBuilder arguments() {
        return device.map(place -> Json.object().put("id", place))
                .orElseGet(() -> Json.object().put("device", drive.orElse("")));
    }

    /** The layer that people mean by a name. */
    Optional<Integer> index(LayerName name) {
        for (int i = 0; i < chain.size(); i++) {
            if (chain.get(i).isNamed(name.text()) || chain.get(i).isNamed(name.path())) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    boolean hasFile(Layer layer) {
        return chain.stream().anyMatch(here -> here.file().equals(layer.file()));
    }
}
