package labeler.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.ObjectBuilder;
import labeler.json.JsonBytes;
import labeler.json.JsonWriter;
import labeler.lifecycle.StartRequest;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.selinux.Level;
import labeler.vm.VmName;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * The body of a start or a plan, as the command line writes it and the service reads it. What is not UTF-8 travels in
 * base64, under another name.
 *
 * @param name of the VM; in a plan only, since a start has it in its URL
 * @param launch who starts qemu
 */
public record StartBody(
        Source source, Optional<VmName> name, Optional<Level> level, Optional<Pid> pid, StartRequest.Launch launch) {
    /** Where the definition comes from. */
    public sealed interface Source {}

    /** A libvirt domain XML, in its own encoding. */
    public static final class DomainXml implements Source {
        private final byte[] xml;

        public DomainXml(byte[] xml) {
            this.xml = xml.clone();
        }

        public byte[] xml() {
            return xml.clone();
        }
    }

    /**
     * A qemu command line.
     *
     * @param argv with the program's name first
     */
    public record CommandLine(List<byte[]> argv, HostPath workingDirectory) implements Source {
        public CommandLine {
            argv = List.copyOf(argv);
        }
    }

    /** The request that it stands for. */
    public StartRequest request(VmName vmName, Definitions definitions, StartRequest.Owner owner) {
        return switch (source) {
            case DomainXml domain ->
                new StartRequest(
                        vmName, definitions.domainXml(domain.xml()), Optional.empty(), level, pid, owner, launch);
            case CommandLine(List<byte[]> argv, HostPath directory) -> {
                QemuCommandLine line = definitions.commandLine(argv, directory);
                yield new StartRequest(vmName, line.definition(), Optional.of(line), level, pid, owner, launch);
            }
        };
    }

    /** As it is sent. */
    public byte[] bytes() {
        return JsonWriter.compact(json()).getBytes(StandardCharsets.UTF_8);
    }

    public JsonObject json() {
        ObjectBuilder object = Json.object();
        name.ifPresent(vmName -> object.put("name", vmName.value()));
        switch (source) {
            case DomainXml domain -> JsonBytes.put(object, "domainXml", domain.xml());
            case CommandLine(List<byte[]> argv, HostPath directory) -> {
                JsonBytes.putAll(object, "argv", argv);
                JsonBytes.put(object, "workingDirectory", directory.bytes());
            }
        }
        level.ifPresent(wanted -> object.put("level", wanted.toString()));
        pid.ifPresent(process -> object.put("pid", process.value()));
        if (launch == StartRequest.Launch.RUN) {
            object.put("launch", "run");
        }
        return object.build();
    }
}
