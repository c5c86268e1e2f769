class Work
  def self.show
    params = Digdag.env.params
    puts params["session_date"], params["o"]["n"]
  end
end
