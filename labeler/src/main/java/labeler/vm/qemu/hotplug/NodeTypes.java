package labeler.vm.qemu.hotplug;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.vm.NameTable;
import labeler.vm.qemu.text.Settings;

/**
 * The types of a block node's options in QMP ({@code BlockdevOptions} of qemu 10.0). A key that is in neither table is
 * text, or names another object. The keys {@code namespace} and {@code user} are numbers for one driver and texts for
 * another; where they are numbers, the options have to be JSON.
 */
final class NodeTypes {
    static final Set<String> SWITCHES = NameTable.of("""
        abstract active active-l1 active-l2 auto-read-only bitmap-directory blkverify direct discard-no-unref drop-cache
        floppy force-share immediately inactive-l1 inactive-l2 ipv4 ipv6 keep-alive lazy-refcounts log-append main-header
        mptcp no-flush numeric once pass-discard-other pass-discard-request pass-discard-snapshot read-only read-zeroes
        refcount-block refcount-table rewrite-corrupted rw snapshot-table sslverify tight x-check-cache-dropped
        """);

    static final Set<String> NUMBERS = NameTable.of("""
        aio-max-batch align cache-clean-interval cache-size cbw-timeout debug delay-ns errno fat-type group
        l2-cache-entry-size l2-cache-size latency-ns log-sector-size log-super-update-interval lun max-discard
        max-transfer max-write-zero min-cluster-size new_state offset open-timeout opt-discard opt-write-zero
        page-cache-size prealloc-align prealloc-size readahead readahead-size reconnect-delay refcount-cache-size sector
        size state tcp-syn-count timeout to vote-threshold
        """);

    private NodeTypes() {}

    /** Gives settings, which are all text, the types that QMP requires. Recursion ends at the depth of settings. */
    static JsonObject typed(JsonObject tree) {
        Map<String, Json> members = new LinkedHashMap<>(tree.members());
        members.replaceAll((key, value) -> {
            if (value instanceof JsonString(String text)) {
                return SWITCHES.contains(key)
                        ? Settings.onOff(text)
                        : NUMBERS.contains(key) ? Settings.number(text) : value;
            }
            return value instanceof JsonObject inner ? typed(inner) : value;
        });
        return new JsonObject(members);
    }
}
