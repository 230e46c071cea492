import API
import IngotModel

struct AcceptedView: View {
    var value: DeploymentAccepted

    func lines(_ style: TextStyle) -> [String] {
        ["\(value.environment): release \(value.release) of image \(value.image.short) is under way; `ingot status` shows it"]
    }
}
