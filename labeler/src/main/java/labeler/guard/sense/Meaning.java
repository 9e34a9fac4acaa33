package labeler.guard.sense;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.chain.ImageFormat;
import labeler.guard.graph.Node;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.qemu.hotplug.HotplugDisk;

/**
 * The effects of a command on files, as far as they can be known before.
 *
 * @param wants files that it names or makes
 * @param widened images that the VM has and that it will write
 * @param reopened nodes whose files qemu may open again, for reading or for writing
 * @param switched nodes whose files qemu may open again since they become inactive or active
 * @param headers images whose header it changes, with their formats
 * @param overlays images that it has qemu make over others
 * @param reused images that are there already, and that it puts over others whatever their headers say
 * @param copies images that it copies to, by their names
 * @param disk the node that it adds, with those below; empty for another command
 * @param added the nodes over files that its options describe
 * @param below the image that will be below another, whose header gets its name
 * @param rewritten the images whose headers it writes at the end of its job; qemu dies if it cannot
 * @param job the job that it starts
 * @param ended objects and character devices that it ends
 */
public record Meaning(
        List<Want> wants,
        List<Widening> widened,
        Set<Node> reopened,
        Set<Node> switched,
        Map<HostPath, ImageFormat> headers,
        List<Overlay> overlays,
        List<Overlay> reused,
        List<Copy> copies,
        Optional<HotplugDisk> disk,
        List<NewNode> added,
        Optional<HostPath> below,
        List<Node> rewritten,
        Optional<String> job,
        List<HoldTrigger> ended) {
    /** A command that needs nothing that the VM has not. */
    public static final Meaning NOTHING = new Meaning(
            List.of(),
            List.of(),
            Set.of(),
            Set.of(),
            Map.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            List.of());

    /** A file that the VM has, and will write until this. */
    public record Widening(HostPath file, DeclaredUse use, HoldTrigger end) {}

    /** An image that comes to lie over another one. */
    public record Overlay(HostPath file, ImageFormat format, Node below) {}

    /**
     * An image that a disk is copied to.
     *
     * @param exists whether it is there already, with a header that decides what is below it
     * @param source the uppermost image of the disk
     * @param below the image that a new one lies on; empty for a whole copy
     * @param name of its node, if the client gives one
     */
    public record Copy(
            HostPath file,
            ImageFormat format,
            boolean exists,
            Node source,
            Optional<Node> below,
            Optional<String> name) {}

    public Meaning {
        copies = List.copyOf(copies);
        overlays = List.copyOf(overlays);
        reused = List.copyOf(reused);
        wants = List.copyOf(wants);
        added = List.copyOf(added);
        widened = List.copyOf(widened);
        reopened = Set.copyOf(reopened);
        switched = Set.copyOf(switched);
        headers = Map.copyOf(headers);
        rewritten = List.copyOf(rewritten);
        ended = List.copyOf(ended);
    }

    /** The same, with more files. */
    public Meaning with(List<Want> more) {
        return more.isEmpty()
                ? this
                : new Meaning(
                        Stream.concat(wants.stream(), more.stream()).toList(),
                        widened,
                        reopened,
                        switched,
                        headers,
                        overlays,
                        reused,
                        copies,
                        disk,
                        added,
                        below,
                        rewritten,
                        job,
                        ended);
    }
}
