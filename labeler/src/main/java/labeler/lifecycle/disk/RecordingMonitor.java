package labeler.lifecycle.disk;

import java.time.Duration;
import java.util.Map;
import labeler.journal.GuardSet;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.qmp.Answer;
import labeler.qmp.Monitor;
import labeler.qmp.UnplugResult;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A monitor without a guard. The sets that qemu gets there go on record: a guard that comes later has to know the files of
 * the nodes on them.
 */
record RecordingMonitor(Monitor monitor, Journal journal, VmName vm) implements Monitor {
    private static final Logger LOG = LoggerFactory.getLogger(RecordingMonitor.class);

    @Override
    public Answer execute(String command, JsonObject arguments) {
        return monitor.execute(command, arguments);
    }

    @Override
    public Answer addDescriptor(Descriptor descriptor, String opaque) {
        return monitor.addDescriptor(descriptor, opaque);
    }

    /** The disk works without the record; a later guard tells then that it does not know the node. */
    @Override
    public void given(long set, HostPath file) {
        try {
            journal.recordSets(vm, Map.of(set, new GuardSet(file, true)));
        } catch (JournalException e) {
            LOG.error("VM {}: descriptor set {} is not on record: {}", vm, set, e.getMessage());
        }
    }

    @Override
    public UnplugResult awaitUnplugged(String device, Duration patience) {
        return monitor.awaitUnplugged(device, patience);
    }

    @Override
    public void close() {
        monitor.close();
    }
}
