package labeler.guard.judge;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/**
 * Objects, devices and character devices that have come or gone while nobody looked: a service was killed before it had
 * qemu's answer, or another judge has prepared their command and never sent it.
 *
 * @param there the ends of the holds of all that qemu has now, of the kinds that were asked for
 */
record UnseenObjects(Set<HoldTrigger> there) {
    UnseenObjects {
        there = Set.copyOf(there);
    }

    private static final String DEVICE = "device ";

    /** The end of the hold for a device without an id: qemu tells of its end by none. */
    private static final HoldTrigger NAMELESS = new HoldTrigger.QemuObject(DEVICE);

    /** Asks for the kinds that holds are for: an older qemu has not all lists. Empty if qemu does not tell. */
    static Optional<UnseenObjects> of(QemuDialogue qemu, List<FileHold> holds) {
        Set<HoldTrigger> ends = ends(holds);
        Set<HoldTrigger> there = new HashSet<>();
        boolean isTold = (ends.stream().noneMatch(end -> isObject(end, false)) || children(qemu, "/objects", "", there))
                && (ends.stream().noneMatch(end -> isObject(end, true) && !end.equals(NAMELESS))
                        || children(qemu, "/machine/peripheral", DEVICE, there))
                && (!ends.contains(NAMELESS) || nameless(qemu, there))
                && (ends.stream().noneMatch(HoldTrigger.CharacterDevice.class::isInstance)
                        || characterDevices(qemu, there));
        return isTold ? Optional.of(new UnseenObjects(there)) : Optional.empty();
    }

    private static boolean isObject(HoldTrigger end, boolean isDevice) {
        return end instanceof HoldTrigger.QemuObject(String id) && id.startsWith(DEVICE) == isDevice;
    }

    private static Set<HoldTrigger> ends(List<FileHold> holds) {
        return holds.stream().flatMap(hold -> end(hold.trigger()).stream()).collect(Collectors.toUnmodifiableSet());
    }

    private static boolean children(QemuDialogue qemu, String path, String before, Set<HoldTrigger> there) {
        Optional<Json> list =
                qemu.ask("qom-list", Json.object().put("path", path).build());
        list.ifPresent(children -> children.objects()
                .forEach(child ->
                        child.text("name").ifPresent(name -> there.add(new HoldTrigger.QemuObject(before + name)))));
        return list.isPresent();
    }

    /** Which of those without an id is whose cannot be told: all are there while any is. */
    private static boolean nameless(QemuDialogue qemu, Set<HoldTrigger> there) {
        Optional<Json> list = qemu.ask(
                "qom-list",
                Json.object().put("path", "/machine/peripheral-anon").build());
        boolean isAny = list.stream()
                .flatMap(children -> children.objects().stream())
                .anyMatch(child -> child.text("type").orElse("").startsWith("child<"));
        if (isAny) {
            there.add(NAMELESS);
        }
        return list.isPresent();
    }

    private static boolean characterDevices(QemuDialogue qemu, Set<HoldTrigger> there) {
        Optional<Json> list = qemu.ask("query-chardev", Json.object().build());
        list.ifPresent(all -> {
            for (JsonObject one : all.objects()) {
                one.text("label").ifPresent(id -> there.add(new HoldTrigger.CharacterDevice(id)));
            }
        });
        return list.isPresent();
    }

    /** The trigger that ends the hold, now or as soon as its command is answered; empty if that is no object. */
    private static Optional<HoldTrigger> end(HoldTrigger trigger) {
        return switch (trigger) {
            case HoldTrigger.QemuObject(String id) ->
                // Those of descriptors are no objects of qemu's.
                Optional.of(trigger).filter(_ -> !id.startsWith("fd ") && !id.startsWith("fdset "));
            case HoldTrigger.CharacterDevice _ -> Optional.of(trigger);
            case HoldTrigger.Command command -> command.then().flatMap(UnseenObjects::end);
            case HoldTrigger.Start _,
                    HoldTrigger.Disk _,
                    HoldTrigger.Graph _,
                    HoldTrigger.Node _,
                    HoldTrigger.Job _,
                    HoldTrigger.Migration _,
                    HoldTrigger.Dump _,
                    HoldTrigger.LiveDefinition _,
                    HoldTrigger.Settling _ -> Optional.empty();
        };
    }

    /** The objects for which these holds are, and which qemu has not. */
    Set<HoldTrigger> gone(List<FileHold> holds) {
        return ends(holds).stream().filter(end -> !there.contains(end)).collect(Collectors.toUnmodifiableSet());
    }
}
