package labeler.server;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import labeler.api.Definitions;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.vm.LabelWishes;
import labeler.vm.VmDefinition;
import labeler.vm.VmDefinition.Acceleration;
import labeler.vm.qemu.block.NodeTree;
import labeler.vm.qemu.option.QemuCommandLine;

/** Definitions without files, which remember their sources. */
final class FakeDefinitions implements Definitions {
    private static final String LABEL = "<label>";
    private static final String UUID_TAG = "<uuid>";

    private final List<List<byte[]>> commandLines = new ArrayList<>();

    synchronized List<List<byte[]>> commandLines() {
        return List.copyOf(commandLines);
    }

    @Override
    public VmDefinition domainXml(byte[] xml) {
        String text = new String(xml, StandardCharsets.UTF_8);
        boolean wellFormed = text.startsWith("<domain");
        int label = text.indexOf(LABEL);
        Optional<SecurityContext> context = label < 0
                ? Optional.empty()
                : SecurityContext.parse(text.substring(label + LABEL.length(), text.indexOf("</label>")));
        return new VmDefinition(
                uuid(text),
                List.of(),
                List.of(),
                context,
                Acceleration.HARDWARE,
                wellFormed
                        ? List.of()
                        : List.of(new Problem(Problem.Kind.DEFINITION_MALFORMED, Optional.empty(), "not a domain XML")),
                new LabelWishes(
                        Optional.empty(),
                        List.of(),
                        context.isPresent() && !text.contains("relabel='no'"),
                        text.contains("type='static'")),
                List.of());
    }

    private static Optional<UUID> uuid(String text) {
        int at = text.indexOf(UUID_TAG);
        return at < 0
                ? Optional.empty()
                : Optional.of(UUID.fromString(text.substring(at + UUID_TAG.length(), text.indexOf("</uuid>"))));
    }

    @Override
    public VmDefinition liveDomainXml(byte[] xml, Optional<byte[]> persistent) {
        return domainXml(xml);
    }

    @Override
    public synchronized QemuCommandLine commandLine(List<byte[]> argv, HostPath workingDirectory) {
        commandLines.add(argv);
        return new QemuCommandLine(
                argv,
                workingDirectory,
                List.of(),
                NodeTree.EMPTY,
                Map.of(),
                java.util.Set.of(),
                new VmDefinition(List.of(), List.of(), Optional.empty(), Acceleration.HARDWARE, List.of()));
    }
}
